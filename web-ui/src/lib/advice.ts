// What to do when something is not well.

const ADVICE: Record<string, string> = {
  starting: "It takes calls as soon as it is ready; its log says what it waits for.",
  leaving: "Write on another node. It stops for good when others have all that it has; 'starling member leave --cancel' has it stay.",
  stopping: "Use another node; what this one acknowledged is on its disk.",
  degraded: "Reads go on. Free or mend the disk; the node tries again by itself and takes writes as soon as it can.",
  failed: "Reads go on. Start the node anew; if it fails again, keep its log and report it.",
  comparing: "No log reaches back to what it has. Reads and writes go on; it goes on by itself.",
  fetching: "No log reaches back to what it has. Reads and writes go on; it goes on by itself, also after a break.",
  proving: "It takes none of it until a third member agrees. If that lasts, see whether one can be reached from here.",
  joining: "Reads show it already; it goes on by itself.",
  unequal: "Compare with a third node. The one that differs from the rest has a bad disk or met a bug: keep its store aside, let it join anew.",
  silent: "Both sides take writes meanwhile, and nothing is lost. See whether the node runs, and whether its address can be reached from here",
  mute: "It is linked but says nothing: it may be frozen or overloaded. See its log and its load.",
  growing: "More is written than it takes in. See its load, its disk, and the round trip and queue on its page.",
  behind: "It catches up by itself.",
  ahead: "They come by themselves, as soon as what they rest on is here.",
  holding: "What it lacks is kept for it, up to the limits of the log; past them it takes over state when it comes back, and loses nothing. Start it, or see why it does not keep up.",
  discovery: "Replication goes on with the addresses that are configured. See the discovery settings.",
  "clock-drift": "A node's clock is far off. Set it by NTP; until then its latest values may win over later ones.",
  fork: "One key signed two histories: a machine that was set back while its node ran, or a stolen key. Stop that node; the operations guide has how it comes back.",
  "invalid-batch": "A peer sent what no correct node sends. See its version and its disk; it is kept out for a while.",
  "digest-mismatch": "Two nodes with the same batches hold different data. Compare with a third; let the odd one join anew.",
  "behind-log": "A peer no longer keeps the batches this node lacks. This node takes over that peer's state; its own writes stay.",
  "donor-fault": "A peer gave a state that is not what it said, or not that of the others; nothing of it was taken. See that peer's disk and version.",
  unattested: "No third member could confirm the state of another. See catchUp.proof in the operations guide for what to do.",
  "lost-tail": "The store lost writes it had made, by a crash of the disk or an older copy. They are fetched back; see why the disk lied.",
  "key-in-two-places": "A node's directory was copied and both run. Stop the one that is the copy and remove its directory; nothing is lost meanwhile.",
  "store-set-back": "The node fetches what its peers hold, its own writes too: keep them running. See why its store was older.",
  "store-copied": "If the original of this directory still exists, never start it beside this node. Else nothing is to be done.",
  "store-lost": "The node takes everything from its peers: keep them running until it has caught up. See what became of its disk.",
  "newer-format": "A peer runs a newer version. Upgrade this node; what it does not understand comes then.",
};

export function adviceFor(kind: string, addresses: readonly string[] = []): string {
  const text = ADVICE[kind] ?? "The node's log says more.";
  if (kind !== "silent") return text;
  return addresses.length > 0 ? `${text}: ${addresses.join(", ")}.` : `${text}.`;
}
