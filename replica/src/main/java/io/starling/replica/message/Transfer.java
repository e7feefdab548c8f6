package io.starling.replica.message;

import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.cell.CanonicalCell;
import io.starling.crdt.cell.CellDigest;
import io.starling.crdt.encoding.MalformedException;
import io.starling.replica.batch.ChainHash;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
/// Meanwhile the joiner asks the other members, by [Compare], what the donor's state must be.
///
/// So what is the same on both sides costs no more than the sums that show it. Any of these may be
/// lost or repeated: a page is asked for again, anything else ends the session, and the next one
/// begins with what has arrived.
public sealed interface Transfer {

  /// Begins a session.
  ///
  /// @param groups for each group of buckets the lower half of the sum of its cells; empty if the
  ///   joiner has no cells
  /// @param withBranches whether the donor is to tell where branches begin, as who reads form
  ///   [TransferEncoding#BRANCHES_FORM] does
  record Ask(List<Long> groups, boolean withBranches) implements Transfer {
    public Ask {
      groups = List.copyOf(groups);
    }
  }

  /// What the donor's snapshot is.
  ///
  /// @param token its vector
  /// @param digest of all its cells
  /// @param hashesFrom the seqs above which it gives the chain hashes of the replicas in the token
  /// @param groups those that differ
  record Offer(
      Token token, CellDigest digest, long cells, VersionVector hashesFrom, List<GroupSums> groups)
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
  /// @param part from 0 on
  /// @param leafBits how many bits of a name's hash tell the leaves of a bucket apart
  /// @param isLast whether all are told of now
  record Leaves(int part, int leafBits, List<BucketSums> buckets, boolean isLast)
      implements Transfer {
    public Leaves {
      buckets = List.copyOf(buckets);
    }
  }

  /// @param leaves for each leaf of the bucket the lower half of the sum of its cells
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
  ///
  /// @param bytes of its rows, about
  record Page(long page, List<Row> rows, boolean isLast, int bytes) implements Transfer {
    public Page {
      rows = List.copyOf(rows);
    }

    public Page(long page, List<Row> rows, boolean isLast) {
      this(page, rows, isLast, TransferEncoding.bytes(rows));
    }

    /// The same with its cells read: for who has a thread for that before the engine's turn comes,
    /// which reads those that are not. That is, all from the first that is no cell: such a page
    /// costs no more here than there.
    public Page read() {
      var reader = new CanonicalCell.Reader();
      var read = new ArrayList<>(rows);
      try {
        for (int i = 0; i < read.size(); i++) {
          boolean isPiece = i > 0 && read.get(i - 1) instanceof Row.CellRow it && it.hasMore();
          if (read.get(i) instanceof Row.CellRow cell && !isPiece) {
            read.set(i, cell.read(reader));
          }
        }
      } catch (MalformedException noCell) {
        return new Page(page, read, isLast, bytes);
      }
      return new Page(page, read, isLast, bytes);
    }
  }

  /// Asks a member that has applied what a token covers what it has at its own vector: whoever
  /// applies the batches between the two to a copy of the token's state must come to the same.
  ///
  /// @param hashesFrom the seqs above which the chain hashes below the token are asked for
  /// @param secret for the sums, which the donor must not learn
  /// @param withBranches whether the sum of where branches begin is asked for, too
  record Compare(Token token, VersionVector hashesFrom, Secret secret, boolean withBranches)
      implements Transfer {}

  /// The answer to a [Compare].
  ///
  /// @param now what the member has applied
  /// @param cells the sum of its cells under the secret
  /// @param heads the sum of its heads and closes, with all that is kept of them
  /// @param hashesFrom the seqs above which it still knows the chain hashes, none below those asked
  /// @param hashes the sum of these
  /// @param branches the sum of where branches begin, if that was asked for
  record Compared(
      Token now,
      CellDigest cells,
      CellDigest heads,
      VersionVector hashesFrom,
      CellDigest hashes,
      Optional<CellDigest> branches)
      implements Transfer {}

  /// Asks a member for its batches beyond a token, which stands for what was staged and not for
  /// what the asker has applied: they say what has changed between the two that are compared.
  /// Answered like a pull.
  record Fetch(Token beyond) implements Transfer {}

  /// A sign of life of who looks through its cells and has nothing to say until it is through.
  ///
  /// @param looked cells that were looked at since the session began
  record Looking(long looked) implements Transfer {}

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
    /// It cannot compare: it has not applied the token.
    INCOMPARABLE,
    /// It has taken over its own state from a member that no other could confirm.
    UNATTESTED,
    /// It has a cell that is too large to be sent.
    TOO_LARGE
  }

  /// A piece of a state. The heads come first, then where branches begin, the closes, the chain
  /// hashes, the leaves, then cells.
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

    /// Where a branch begins of which something is applied. It is told to who asks for it.
    ///
    /// @param parent what it goes on from, a branch perhaps
    /// @param first the number of its first batch
    /// @param hash of that, which gives the branch its name
    record BranchRow(ReplicaId parent, long first, ChainHash hash) implements Row {

      /// The name of the branch.
      public ReplicaId name() {
        return new ReplicaId(parent.key(), hash.first());
      }
    }

    /// A close that is applied.
    record CloseRow(ReplicaId replica, long seq, ChainHash hash, ReplicaId closer, long closerSeq)
        implements Row {}

    /// Chain hashes of a replica below its head. Those of one replica come together, in order and
    /// without a gap up to the head's.
    ///
    /// @param first the seq of the first
    record HashesRow(ReplicaId replica, long first, List<ChainHash> hashes) implements Row {
      public HashesRow {
        hashes = List.copyOf(hashes);
      }
    }

    /// A leaf of which all cells follow; those that the joiner has there and that do not follow,
    /// the donor has not. Leaves of one bucket come together.
    record LeafRow(int bucket, int leaf) implements Row {}

    /// A cell in canonical bytes, or a piece of one.
    ///
    /// @param hasMore whether the next row goes on with it
    /// @param cell what it says, if that was read; never sent
    record CellRow(byte[] name, byte[] content, boolean hasMore, Optional<CanonicalCell> cell)
        implements Row {

      /// One that nobody has read.
      public CellRow(byte[] name, byte[] content, boolean hasMore) {
        this(name, content, hasMore, Optional.empty());
      }

      /// A piece stays unread.
      ///
      /// @throws MalformedException if it is no cell; the engine judges that
      private CellRow read(CanonicalCell.Reader reader) throws MalformedException {
        return hasMore || cell.isPresent()
            ? this
            : new CellRow(name, content, false, Optional.of(reader.read(name, content)));
      }
    }
  }
}
