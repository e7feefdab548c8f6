/// Fixtures that break the rules, laid out like the product.
///
/// They are compiled and never run; [io.starling.architecture.ArchitectureTest] expects each to be
/// caught, and whatever is called `Allowed` not to be.
package io.starling.architecture.bad;
