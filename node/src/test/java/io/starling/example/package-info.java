/// Examples from the documentation, which a test runs.
package io.starling.example;
