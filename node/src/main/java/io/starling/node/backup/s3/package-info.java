/// A repository of backups in a store of objects that speaks S3: Amazon's, MinIO, Ceph, R2, Garage.
///
/// The AWS SDK stays in here, and none of its classes is loaded by who uses no such repository:
/// [io.starling.node.backup.s3.S3Place] and [io.starling.node.backup.s3.S3Options], which say where
/// one is, know nothing of it.
///
/// Depends on `io.starling.node.backup.repository`. Start at [io.starling.node.backup.s3.S3Blobs].
@NullMarked
package io.starling.node.backup.s3;

import org.jspecify.annotations.NullMarked;
