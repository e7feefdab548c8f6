package io.starling.replica.message;

import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.cell.CellDigest;
import io.starling.replica.batch.ChainHash;
import java.util.List;

/// What two members say to each other while one takes over the other's state: the **joiner** asks,
/// the **donor** answers from one snapshot.
///
/// ```
/// joiner                                  donor
///   Ask(sums of 1 024 groups)        ──►
///                                    ◄──  Offer(vector, digest, sums of the buckets that differ)
///   Leaves(sums of their leaves)     ──►
///   Get(page 0), Get(page 1), …      ──►
///                                    ◄──  Page 0, Page 1, …
/// ```
///
/// So what is the same on both sides costs no more than the sums that show it. Any of these may be
/// lost or repeated: a page is asked for again, anything else ends the session, and the next one
/// begins with what has arrived.
public sealed interface Transfer {

  /// Begins a session.
  ///
  /// @param groups for each group of buckets the lower half of the sum of its cells; empty if the
  ///   joiner has no cells
  record Ask(List<Long> groups) implements Transfer {
    public Ask {
      groups = List.copyOf(groups);
    }
  }

  /// What the donor's snapshot is.
  ///
  /// @param token its vector
  /// @param digest of all its cells
  /// @param leafBits how many bits of a name's hash tell the leaves of a bucket apart
  /// @param groups those that differ
  record Offer(Token token, CellDigest digest, long cells, int leafBits, List<GroupSums> groups)
      implements Transfer {
    public Offer {
      groups = List.copyOf(groups);
    }
  }

  /// @param buckets for each bucket of the group the lower half of the sum of its cells
  record GroupSums(int group, List<Long> buckets) {
    public GroupSums {
      buckets = List.copyOf(buckets);
    }
  }

  /// A part of what the joiner has in the buckets that differ.
  ///
  /// @param isLast whether all are told of now
  record Leaves(List<BucketSums> buckets, boolean isLast) implements Transfer {
    public Leaves {
      buckets = List.copyOf(buckets);
    }
  }

  /// @param leaves for each leaf of the bucket the lower half of the sum of its cells; empty if the
  ///   whole bucket is wanted
  record BucketSums(int bucket, List<Long> leaves) {
    public BucketSums {
      leaves = List.copyOf(leaves);
    }
  }

  /// Asks for a page. Asking for one says that all before it have come, but for those just asked
  /// for.
  ///
  /// @param page from 0 on
  record Get(long page) implements Transfer {}

  /// A part of the donor's state.
  record Page(long page, List<Row> rows, boolean isLast) implements Transfer {
    public Page {
      rows = List.copyOf(rows);
    }
  }

  /// Asks a member that has applied what a token covers for the sum of its cells, but for those
  /// that its batches beyond the token have touched: that sum must be the same wherever the token's
  /// state is.
  record Compare(Token token) implements Transfer {}

  /// The answer to a [Compare].
  ///
  /// @param now what the member has applied
  /// @param untouched the sum of its cells that no batch between the two has touched
  record Compared(Token now, CellDigest untouched) implements Transfer {}

  /// Asks a member for its batches beyond a token, which stands for what was staged and not for
  /// what the asker has applied: they say what has changed between the two that are compared.
  /// Answered like a pull.
  record Fetch(Token beyond) implements Transfer {}

  /// The donor cannot go on, or does not begin.
  ///
  /// @param message for the joiner's operator
  record Refused(Reason reason, String message) implements Transfer {}

  /// Why a donor refuses.
  enum Reason {
    /// It serves others, or is itself being joined with another's state.
    BUSY,
    /// It does not know the session, or no longer.
    GONE,
    /// Its sums are not those of its cells: it must not donate.
    DAMAGED,
    /// It cannot compare: it has not applied the token, or too much since.
    INCOMPARABLE
  }

  /// A piece of a state. The heads come first, then the closes, then the leaves, then cells.
  sealed interface Row {

    /// What is applied of a replica.
    ///
    /// @param context the full context of its last batch
    /// @param system the vector of `_system` that its last batch carried
    record HeadRow(
        ReplicaId replica,
        long seq,
        ChainHash hash,
        HybridTime time,
        VersionVector context,
        VersionVector system)
        implements Row {}

    /// A close that is applied.
    record CloseRow(ReplicaId replica, long seq, ChainHash hash, ReplicaId closer, long closerSeq)
        implements Row {}

    /// A leaf of which all cells follow; those that the joiner has there and that do not follow,
    /// the donor has not. Leaves of one bucket come together.
    record LeafRow(int bucket, int leaf) implements Row {}

    /// A cell in canonical bytes.
    record CellRow(byte[] name, byte[] content) implements Row {}
  }
}
