/// Who may do what: client tokens, roles, sign-in links.
///
/// Depends on `io.starling.node.space`. The client APIs ask [io.starling.node.access.Access].
@NullMarked
package io.starling.node.access;

import org.jspecify.annotations.NullMarked;
