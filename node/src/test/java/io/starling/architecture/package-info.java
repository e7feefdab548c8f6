/// What the shape of the code must be, as tests over its classes and its files.
///
/// [ArchitectureRules] are the rules over classes; each is shown to catch what it forbids by a
/// fixture under `bad`, which is laid out like the product. [TidyTest] looks at the files.
@NullMarked
package io.starling.architecture;

import org.jspecify.annotations.NullMarked;
