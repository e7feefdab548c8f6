package io.starling.node.backup.repository;

import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.value.Value;
import io.starling.node.identity.PassphraseKey;
import io.starling.node.json.JsonText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/// An open repository. Safe to use from any thread, and by any number of nodes and clusters at a
/// time.
public final class Repository implements AutoCloseable {

  /// The format this version writes, and the newest it reads.
  public static final int FORMAT = 1;

  /// Most bytes that are in a chunk before it is packed.
  public static final int CHUNK_BYTES_MAX = 256 << 20;

  /// Most bytes of a manifest.
  public static final int MANIFEST_BYTES_MAX = 64 << 20;

  private static final String CONFIG = "repository";
  private static final String BACKUPS = "backups/";
  private static final String LEASES = "leases/";
  private static final int SMALL_BYTES_MAX = 64 * 1024;
  private static final int HEAD_ROOM = 1 << 20;
  private static final int SCRYPT_COST = 1 << 16;
  private static final int SCRYPT_BLOCK = 8;
  private static final int HASH_DIGITS = 16;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss.SSS'Z'").withZone(ZoneOffset.UTC);

  private final Blobs blobs;
  private final String id;
  private final Sealing sealing;
  private final boolean isEncrypted;
  private final InstantSource clock;

  private Repository(
      Blobs blobs, String id, Sealing sealing, boolean isEncrypted, InstantSource clock) {
    this.blobs = blobs;
    this.id = id;
    this.sealing = sealing;
    this.isEncrypted = isEncrypted;
    this.clock = clock;
  }

  /// Makes a repository where there is none.
  ///
  /// @param passphrase encrypts it; whoever loses that loses all that is in it
  /// @throws RepositoryException if there is one, or something else
  public static Repository create(Blobs blobs, Optional<Passphrase> passphrase, InstantSource clock)
      throws IOException {
    if (exists(blobs)) {
      throw taken(blobs);
    }
    blobs.prepare();
    var random = new SecureRandom();
    var id = new byte[16];
    random.nextBytes(id);
    var hex = HexFormat.of();
    var config = new TreeMap<String, Value>();
    config.put("format", new Value.Int(FORMAT));
    config.put("id", new Value.Text(hex.formatHex(id)));
    var sealing = Sealing.open();
    if (passphrase.isPresent()) {
      var salt = new byte[Sealing.KEY_BYTES];
      var master = new byte[Sealing.KEY_BYTES];
      random.nextBytes(salt);
      random.nextBytes(master);
      var lock = lock(passphrase.get(), salt, SCRYPT_COST, SCRYPT_BLOCK, 1);
      var key = new TreeMap<String, Value>();
      key.put("kdf", new Value.Text("scrypt"));
      key.put("cost", new Value.Int(SCRYPT_COST));
      key.put("block", new Value.Int(SCRYPT_BLOCK));
      key.put("parallel", new Value.Int(1));
      key.put("salt", new Value.Text(hex.formatHex(salt)));
      key.put("key", new Value.Text(hex.formatHex(lock.seal("key/" + hex.formatHex(id), master))));
      config.put("encryption", new Value.Struct(key));
      sealing = Sealing.with(master);
    }
    var json = JsonText.write(new Value.Struct(config)) + "\n";
    try {
      blobs.putNew(CONFIG, json.getBytes(StandardCharsets.UTF_8));
    } catch (FileAlreadyExistsException another) {
      throw taken(blobs);
    }
    blobs.settle();
    return new Repository(blobs, hex.formatHex(id), sealing, passphrase.isPresent(), clock);
  }

  /// Opens a repository.
  ///
  /// @throws RepositoryException if there is none, if it is of a newer format, or not of this
  ///   passphrase; nothing was touched
  public static Repository open(Blobs blobs, Optional<Passphrase> passphrase, InstantSource clock)
      throws IOException {
    Map<String, Value> config;
    try {
      config = config(blobs);
    } catch (NoSuchFileException none) {
      throw new RepositoryException(
          "there is no repository at "
              + blobs.location()
              + "; if its disk is there, 'starling backup init' makes one",
          none);
    }
    long format = config.get("format") instanceof Value.Int(long number) ? number : 0;
    if (format > FORMAT) {
      throw new RepositoryException(
          "the repository at "
              + blobs.location()
              + " is of a newer format, "
              + format
              + "; this version knows "
              + FORMAT
              + ": run the newer version");
    }
    if (format < 1 || !(config.get("id") instanceof Value.Text(var id))) {
      throw foreign(blobs);
    }
    if (!(config.get("encryption") instanceof Value.Struct key)) {
      return new Repository(blobs, id, Sealing.open(), false, clock);
    }
    if (passphrase.isEmpty()) {
      throw new RepositoryException(
          "the repository at "
              + blobs.location()
              + " is encrypted; say in which file its passphrase is, or put it into "
              + Passphrase.VARIABLE);
    }
    return new Repository(blobs, id, unlock(blobs, id, key, passphrase.get()), true, clock);
  }

  private static RepositoryException taken(Blobs blobs) {
    return new RepositoryException("there is a repository at " + blobs.location() + " already");
  }

  private static boolean exists(Blobs blobs) throws IOException {
    try {
      blobs.get(CONFIG, SMALL_BYTES_MAX);
      return true;
    } catch (NoSuchFileException none) {
      return false;
    }
  }

  private static Map<String, Value> config(Blobs blobs) throws IOException {
    try {
      if (JsonText.parse(blobs.get(CONFIG, SMALL_BYTES_MAX)) instanceof Value.Struct(var fields)) {
        return fields;
      }
      throw foreign(blobs);
    } catch (MalformedException broken) {
      throw new RepositoryException(
          "what is at " + blobs.location() + " is no repository: " + broken.getMessage(), broken);
    }
  }

  private static RepositoryException foreign(Blobs blobs) {
    return new RepositoryException("what is at " + blobs.location() + " is no repository");
  }

  private static Sealing unlock(Blobs blobs, String id, Value.Struct key, Passphrase passphrase)
      throws RepositoryException {
    var fields = key.fields();
    try {
      if (!new Value.Text("scrypt").equals(fields.get("kdf"))) {
        throw new IllegalArgumentException("an unknown way to make a key");
      }
      byte[] salt = HexFormat.of().parseHex(text(fields, "salt"));
      byte[] sealed = HexFormat.of().parseHex(text(fields, "key"));
      var lock =
          lock(
              passphrase,
              salt,
              number(fields, "cost"),
              number(fields, "block"),
              number(fields, "parallel"));
      return Sealing.with(lock.unseal("key/" + id, sealed, Sealing.KEY_BYTES));
    } catch (IllegalArgumentException broken) {
      throw new RepositoryException(
          "the key of the repository at "
              + blobs.location()
              + " cannot be read: "
              + broken.getMessage(),
          broken);
    } catch (RepositoryException wrong) {
      throw new RepositoryException(
          "the passphrase is not that of the repository at " + blobs.location(), wrong);
    }
  }

  private static String text(Map<String, Value> fields, String name) {
    if (fields.get(name) instanceof Value.Text(var text)) {
      return text;
    }
    throw new IllegalArgumentException("no '" + name + "'");
  }

  private static int number(Map<String, Value> fields, String name) {
    if (fields.get(name) instanceof Value.Int(long number) && (int) number == number) {
      return (int) number;
    }
    throw new IllegalArgumentException("no '" + name + "'");
  }

  private static Sealing lock(
      Passphrase passphrase, byte[] salt, int cost, int block, int parallel) {
    return Sealing.with(PassphraseKey.scrypt(passphrase.bytes(), salt, cost, block, parallel));
  }

  public String id() {
    return id;
  }

  public boolean isEncrypted() {
    return isEncrypted;
  }

  /// What it is called in messages.
  public String location() {
    return blobs.location();
  }

  /// What decides where chunks end.
  public long seed() {
    return sealing.seed();
  }

  /// The name that a chunk with these bytes has.
  public ChunkId name(byte[] chunk) {
    return sealing.id(chunk);
  }

  /// Keeps a chunk. It may not be there yet when this returns, but is when a backup that names it
  /// is published; what fails meanwhile fails whichever call is next.
  ///
  /// @return how many bytes that takes
  public int put(ChunkId name, byte[] chunk) throws IOException {
    if (chunk.length > CHUNK_BYTES_MAX) {
      throw new RepositoryException("what is to be kept is larger than a chunk may be");
    }
    byte[] sealed = sealing.seal(name.blob(), chunk);
    try {
      blobs.putSoon(name.blob(), sealed);
    } catch (IOException failed) {
      throw unwritable(failed);
    }
    return sealed.length;
  }

  /// A chunk's bytes, which are those that its name says.
  ///
  /// @throws RepositoryException if it is missing or damaged
  public byte[] chunk(ChunkId name) throws IOException {
    byte[] plain;
    try {
      byte[] sealed = blobs.get(name.blob(), CHUNK_BYTES_MAX + (long) HEAD_ROOM);
      plain = sealing.unseal(name.blob(), sealed, CHUNK_BYTES_MAX);
    } catch (NoSuchFileException missing) {
      throw new RepositoryException("chunk " + name + " is missing", missing);
    } catch (RepositoryException damaged) {
      throw new RepositoryException("chunk " + name + " " + damaged.getMessage(), damaged);
    }
    if (!sealing.id(plain).equals(name)) {
      throw new RepositoryException("chunk " + name + " is damaged: it holds something else");
    }
    return plain;
  }

  /// Sees chunks.
  @FunctionalInterface
  public interface ChunkVisitor {
    void see(ChunkId name, long bytes) throws IOException;
  }

  /// Shows all chunks that are there.
  public void chunks(ChunkVisitor visitor) throws IOException {
    blobs.list(
        ChunkId.PREFIX,
        (name, bytes) -> {
          var last = name.substring(name.lastIndexOf('/') + 1);
          if (last.matches("[0-9a-f]{64}")) {
            visitor.see(ChunkId.parse(last), bytes);
          }
        });
  }

  /// Deletes a chunk. For who holds the lease for that, and has settled the withdrawal of all that
  /// named it. It is gone after the next [#settle()].
  public void delete(ChunkId name) throws IOException {
    blobs.deleteSoon(name.blob());
  }

  /// Returns when all that was deleted is gone for good.
  public void settle() throws IOException {
    blobs.settle();
  }

  /// Publishes a backup: from now on it is one, whole.
  ///
  /// @param lease under which its chunks were put
  /// @return its name
  public String publish(Lease lease, Instant finished, byte[] manifest) throws IOException {
    if (manifest.length > MANIFEST_BYTES_MAX) {
      throw new RepositoryException("the backup's manifest is larger than a manifest may be");
    }
    var name = TIME.format(finished) + "-" + digits(manifest);
    byte[] sealed = sealing.seal(BACKUPS + name, manifest);
    try {
      blobs.settle();
      lease.requireHeld();
      blobs.putNew(BACKUPS + name, sealed);
      blobs.settle();
    } catch (RepositoryException late) {
      throw late;
    } catch (IOException failed) {
      throw unwritable(failed);
    }
    return name;
  }

  private String digits(byte[] manifest) {
    return sealing.id(manifest).toString().substring(0, HASH_DIGITS);
  }

  /// The names of all backups, the oldest first.
  public List<String> backups() throws IOException {
    var names = new TreeSet<String>();
    blobs.list(
        BACKUPS,
        (name, _) -> {
          var last = name.substring(BACKUPS.length());
          if (last.matches("[0-9]{8}T[0-9]{6}[.][0-9]{3}Z-[0-9a-f]{16}")) {
            names.add(last);
          }
        });
    return new ArrayList<>(names);
  }

  /// The manifest of a backup.
  ///
  /// @throws RepositoryException if it is missing or damaged
  public byte[] manifest(String backup) throws IOException {
    byte[] plain;
    try {
      byte[] sealed = blobs.get(BACKUPS + backup, MANIFEST_BYTES_MAX + (long) HEAD_ROOM);
      plain = sealing.unseal(BACKUPS + backup, sealed, MANIFEST_BYTES_MAX);
    } catch (NoSuchFileException missing) {
      throw new RepositoryException("there is no backup " + backup, missing);
    } catch (RepositoryException damaged) {
      throw new RepositoryException(
          "the manifest of backup " + backup + " " + damaged.getMessage(), damaged);
    }
    if (!backup.endsWith(digits(plain))) {
      throw new RepositoryException(
          "the manifest of backup " + backup + " is damaged: it holds something else");
    }
    return plain;
  }

  /// Takes a backup back: its manifest goes, its chunks stay until they are deleted.
  public void withdraw(String backup) throws IOException {
    blobs.delete(BACKUPS + backup);
  }

  /// What a lease is for.
  private enum Work {
    ADDING,
    DELETING
  }

  /// Takes the lease to add. Others may add meanwhile; nobody deletes.
  ///
  /// @param by who it is, for messages
  /// @throws RepositoryException if somebody deletes just now
  public Lease lease(String by) throws IOException {
    return lease(Work.ADDING, by);
  }

  /// Takes the lease to delete.
  ///
  /// @throws RepositoryException if somebody adds or deletes just now
  public Lease leaseToDelete(String by) throws IOException {
    return lease(Work.DELETING, by);
  }

  /// Everyone writes down first what they are about to do and looks then who else does, so of two
  /// that must not meet at least one sees the other.
  private Lease lease(Work work, String by) throws IOException {
    var random = new byte[8];
    new SecureRandom().nextBytes(random);
    var word = work == Work.DELETING ? "delete-" : "add-";
    var name = LEASES + word + HexFormat.of().formatHex(random);
    Lease lease;
    try {
      lease = new Lease(name, now -> body(by, now), blobs, clock, System::nanoTime);
    } catch (RepositoryException failed) {
      throw failed;
    } catch (IOException failed) {
      throw unwritable(failed);
    }
    try {
      requireFree(work, name);
      return lease;
    } catch (IOException | RuntimeException refused) {
      lease.close();
      throw refused;
    }
  }

  private void requireFree(Work work, String own) throws IOException {
    var now = clock.instant();
    var names = new TreeSet<String>();
    blobs.list(LEASES, (name, _) -> names.add(name));
    names.remove(own);
    for (var name : names) {
      boolean deletes = name.startsWith(LEASES + "delete-");
      if (work == Work.ADDING && !deletes) {
        continue;
      }
      var holder = holder(name);
      if (holder.isEmpty()) {
        continue;
      }
      var until = holder.get().time().plus(Lease.STALE);
      if (until.isAfter(now)) {
        throw new RepositoryException(
            (deletes ? "the repository is being pruned by " : "a backup is being made by ")
                + holder.get().by()
                + "; wait until that is done. If it was killed, it is forgotten at "
                + DateTimeFormatter.ISO_INSTANT.format(until.truncatedTo(ChronoUnit.SECONDS)));
      }
      if (work == Work.DELETING) {
        blobs.delete(name);
      }
    }
  }

  private record Holder(String by, Instant time) {}

  private Optional<Holder> holder(String name) throws IOException {
    try {
      if (JsonText.parse(blobs.get(name, SMALL_BYTES_MAX)) instanceof Value.Struct(var fields)
          && fields.get("by") instanceof Value.Text(var by)
          && fields.get("millis") instanceof Value.Int(long millis)) {
        return Optional.of(new Holder(by, Instant.ofEpochMilli(millis)));
      }
    } catch (NoSuchFileException gone) {
      return Optional.empty();
    } catch (MalformedException foreign) {
      throw new RepositoryException(
          blobs.location() + "/" + name + " is no lease; if nobody works here, delete it", foreign);
    }
    throw new RepositoryException(
        blobs.location() + "/" + name + " is no lease; if nobody works here, delete it");
  }

  private static byte[] body(String by, Instant now) {
    var fields = new TreeMap<String, Value>();
    fields.put("by", new Value.Text(by));
    fields.put("millis", new Value.Int(now.toEpochMilli()));
    return JsonText.write(new Value.Struct(fields)).getBytes(StandardCharsets.UTF_8);
  }

  /// Deletes what was left of writes that were broken off.
  public void tidy() throws IOException {
    blobs.tidy(clock.instant().minus(Lease.STALE));
  }

  private RepositoryException unwritable(IOException failed) {
    return new RepositoryException(
        "the repository at " + blobs.location() + " cannot be written: " + why(failed), failed);
  }

  private static String why(IOException failed) {
    if (failed instanceof FileSystemException file && file.getReason() != null) {
      return file.getReason();
    }
    return String.valueOf(failed.getMessage());
  }

  @Override
  public void close() {
    blobs.close();
  }
}
