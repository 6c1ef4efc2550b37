package io.tidegate.cluster;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Certificates for tests, made by the JDK's keytool: an authority and nodes that it signed. */
final class Certificates {
  private static final String PASSWORD = "changeit";

  private final Path directory;

  Certificates(Path directory) throws Exception {
    this.directory = directory;
    keytool(
        "-genkeypair",
        "-alias",
        "ca",
        "-keyalg",
        "EC",
        "-dname",
        "CN=ca",
        "-ext",
        "bc:c",
        "-keystore",
        file("ca.p12"));
    keytool("-exportcert", "-rfc", "-alias", "ca", "-keystore", file("ca.p12"), "-file", ca());
  }

  /** The authority's certificate, PEM. */
  String ca() {
    return file("ca.pem");
  }

  /** Makes a node's key and certificate: {@code name-key.pem} and {@code name.pem}. */
  void node(String name) throws Exception {
    String store = file(name + ".p12");
    keytool(
        "-genkeypair",
        "-alias",
        "node",
        "-keyalg",
        "EC",
        "-dname",
        "CN=" + name,
        "-keystore",
        store);
    keytool("-certreq", "-alias", "node", "-keystore", store, "-file", file(name + ".csr"));
    keytool(
        "-gencert",
        "-rfc",
        "-alias",
        "ca",
        "-keystore",
        file("ca.p12"),
        "-infile",
        file(name + ".csr"),
        "-outfile",
        file(name + ".pem"));
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(Path.of(store))) {
      keys.load(in, PASSWORD.toCharArray());
    }
    Key key = keys.getKey("node", PASSWORD.toCharArray());
    String pem =
        "-----BEGIN PRIVATE KEY-----\n"
            + Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII)).encodeToString(key.getEncoded())
            + "\n-----END PRIVATE KEY-----\n";
    Files.writeString(directory.resolve(name + "-key.pem"), pem);
  }

  String certificate(String name) {
    return file(name + ".pem");
  }

  String key(String name) {
    return file(name + "-key.pem");
  }

  private String file(String name) {
    return directory.resolve(name).toString();
  }

  private static void keytool(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(arguments));
    command.addAll(List.of("-storepass", PASSWORD));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), US_ASCII);
    if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IOException(command + ": " + said);
    }
  }
}
