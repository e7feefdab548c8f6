/// Repositories in a store of objects, against a server of its own process that speaks S3 and
/// checks signatures ([io.starling.node.backup.s3.S3Server]).
@NullMarked
package io.starling.node.backup.s3;

import org.jspecify.annotations.NullMarked;
