package io.tidegate.chaos;

import java.util.List;

/** Faults to be done to nodes of one layout. */
record Part(Layout layout, int size, List<Fault> faults) {
  /** Every fault of a layout. */
  static Part whole(Layout layout, int size) {
    return new Part(layout, size, Fault.all(layout, size));
  }

  /**
   * What is done without any options: every kind of fault where all nodes are alike, one node's
   * death standing for any other's; then the death of a front door and of a worker, which differ.
   */
  static List<Part> round(int size) {
    Part alike = whole(Layout.ALL, size);
    Part apart = whole(Layout.APART, Layout.APART.defaultNodes());
    return List.of(alike.but("kill", 1), apart.only(List.of("kill-edge-1", "kill-worker-4")));
  }

  /** Without this family's faults beyond so many. */
  private Part but(String family, int kept) {
    List<Fault> of = faults.stream().filter(fault -> fault.family().equals(family)).toList();
    List<Fault> gone = of.subList(kept, of.size());
    return new Part(layout, size, faults.stream().filter(fault -> !gone.contains(fault)).toList());
  }

  /** With only the faults that are meant by one of these words. */
  Part only(List<String> words) {
    List<Fault> meant =
        faults.stream().filter(fault -> words.stream().anyMatch(fault::isMeantBy)).toList();
    return new Part(layout, size, meant);
  }
}
