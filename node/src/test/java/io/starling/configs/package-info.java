/// Tests of `cluster-configs/`.
package io.starling.configs;
