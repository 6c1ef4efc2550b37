package io.tidegate.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A certificate for 127.0.0.1, signed by itself: ECDSA on P-256, as public sites have.
 *
 * @param chain PEM file
 * @param key PEM file, PKCS #8
 */
record Certificate(Path chain, Path key) {
  static Certificate in(Path directory) throws InterruptedException {
    Path chain = directory.resolve("tls.pem");
    Path key = directory.resolve("tls-key.pem");
    Shell.run(
        List.of(
            Tools.need("openssl"),
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=127.0.0.1",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-keyout",
            key.toString(),
            "-out",
            chain.toString()),
        Duration.ofSeconds(20));
    return new Certificate(chain, key);
  }
}
