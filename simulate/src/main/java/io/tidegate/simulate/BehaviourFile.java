package io.tidegate.simulate;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * A behaviour file that was read through once: how many rows are good, which are not, and which
 * occur more than once.
 *
 * <p>A row's message id is a hash of its text and of how many equal rows came before it. So each of
 * two equal rows counts, and reading the same file again, whole, gives the same ids. Needs 8 bytes
 * of memory a row during {@link #check} and next to nothing afterwards.
 */
final class BehaviourFile {
  static final int MAX_ROWS = 50_000_000;
  private static final int PROBLEMS_KEPT = 10;

  private final Path path;
  private final int rows;
  private final int badRows;
  private final List<String> problems;

  /** First half of the digest of every row that occurs more than once. */
  private final Map<Long, Integer> repeated;

  /** Receives the good rows in the file's order; false stops the reading. */
  interface RowSink {
    boolean accept(Behaviour row, String messageId) throws InterruptedException;
  }

  private BehaviourFile(
      Path path, int rows, int badRows, List<String> problems, Map<Long, Integer> repeated) {
    this.path = path;
    this.rows = rows;
    this.badRows = badRows;
    this.problems = problems;
    this.repeated = repeated;
  }

  static BehaviourFile check(Path path) throws IOException {
    long[] marks = new long[1 << 12];
    int rows = 0;
    int badRows = 0;
    int lineNumber = 0;
    var problems = new ArrayList<String>();
    MessageDigest sha = sha256();
    try (BufferedReader reader = Files.newBufferedReader(path, StandardCharsets.UTF_8)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lineNumber++;
        if (line.isBlank()) {
          continue;
        }
        try {
          Behaviour.parse(line);
        } catch (Behaviour.Malformed e) {
          badRows++;
          if (problems.size() < PROBLEMS_KEPT) {
            problems.add(path + ":" + lineNumber + ": " + e.getMessage());
          }
          continue;
        }
        if (rows == MAX_ROWS) {
          throw new IOException("more than " + MAX_ROWS + " rows (split the file by user)");
        }
        if (rows == marks.length) {
          marks = Arrays.copyOf(marks, Math.min(MAX_ROWS, marks.length * 2));
        }
        marks[rows++] = mark(digest(sha, line, 0));
      }
    }
    return new BehaviourFile(path, rows, badRows, problems, repeated(marks, rows));
  }

  private static Map<Long, Integer> repeated(long[] marks, int rows) {
    Arrays.sort(marks, 0, rows);
    var repeated = new HashMap<Long, Integer>();
    for (int i = 1; i < rows; i++) {
      if (marks[i] == marks[i - 1]) {
        repeated.put(marks[i], 0);
      }
    }
    return repeated;
  }

  int rows() {
    return rows;
  }

  int badRows() {
    return badRows;
  }

  /** The first few bad rows, by line number. */
  List<String> problems() {
    return problems;
  }

  void forEach(RowSink sink) throws IOException, InterruptedException {
    var seen = new HashMap<>(repeated);
    MessageDigest sha = sha256();
    try (BufferedReader reader = Files.newBufferedReader(path, StandardCharsets.UTF_8)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        Behaviour row;
        try {
          row = Behaviour.parse(line);
        } catch (Behaviour.Malformed e) {
          continue;
        }
        byte[] digest = digest(sha, line, 0);
        Integer before = seen.computeIfPresent(mark(digest), (mark, times) -> times + 1);
        if (before != null && before > 1) {
          digest = digest(sha, line, before - 1);
        }
        if (!sink.accept(row, "row-" + HexFormat.of().formatHex(digest, 0, 16))) {
          return;
        }
      }
    }
  }

  private static long mark(byte[] digest) {
    return ByteBuffer.wrap(digest).getLong();
  }

  private static byte[] digest(MessageDigest sha, String line, int before) {
    sha.update(line.getBytes(StandardCharsets.UTF_8));
    if (before > 0) {
      sha.update(("#" + before).getBytes(StandardCharsets.UTF_8));
    }
    return sha.digest();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
