/// `support-bundle`: what someone who helps needs to know, in one archive, without what nobody else
/// may know.
///
/// Everything that is text goes through [io.starling.node.cli.bundle.Redaction]; keys, tokens and
/// stored values are never read in the first place.
@NullMarked
package io.starling.node.cli.bundle;

import org.jspecify.annotations.NullMarked;
