package io.tidegate.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The port with a certificate, made by the JDK's keytool for this run. */
class TlsIT {
  private static final char[] PASSWORD = "changeit".toCharArray();

  @TempDir static Path folder;
  private static TestEdge edge;
  private static SSLContext trusting;

  @BeforeAll
  static void start() throws Exception {
    KeyStore store = selfSigned();
    Certificate certificate = store.getCertificate("edge");
    Path pem = pem("CERTIFICATE", certificate.getEncoded());
    Path key = pem("PRIVATE KEY", store.getKey("edge", PASSWORD).getEncoded());
    trusting = trusting(certificate);
    edge =
        new TestEdge(
            Map.of(
                "edge.tls.certificate",
                pem.toString(),
                "edge.tls.key",
                key.toString(),
                "edge.head-timeout",
                "1s"));
  }

  @AfterAll
  static void stop() {
    edge.close();
  }

  @Test
  void speaksHttp1() throws Exception {
    assertThat(track(HttpClient.Version.HTTP_1_1).version()).isEqualTo(HttpClient.Version.HTTP_1_1);
  }

  @Test
  void speaksHttp2ByAlpn() throws Exception {
    assertThat(track(HttpClient.Version.HTTP_2).version()).isEqualTo(HttpClient.Version.HTTP_2);
  }

  @Test
  void aClientThatDoesNotTrustItDoesNotGetThrough() {
    HttpClient stranger = HttpClient.newHttpClient();
    assertThatThrownBy(() -> send(stranger)).isInstanceOf(SSLHandshakeException.class);
  }

  @Test
  void framingIsStrictHereToo() throws Exception {
    try (Socket socket = trusting.getSocketFactory().createSocket("localhost", edge.port)) {
      socket.setSoTimeout(10_000);
      String head = "POST /v1/track HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n";
      socket
          .getOutputStream()
          .write(
              (head + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      byte[] all = socket.getInputStream().readAllBytes();
      assertThat(new String(all, StandardCharsets.US_ASCII)).startsWith("HTTP/1.1 400");
    }
  }

  @Test
  void clearTextGetsNoAnswer() throws Exception {
    try (RawClient raw = edge.raw()) {
      assertThat(raw.send("GET /v1/track HTTP/1.1\r\nHost: x\r\n\r\n").isClosed()).isTrue();
    }
  }

  @Test
  void aHandshakeThatNeverBeginsIsEnded() throws Exception {
    try (RawClient raw = edge.raw()) {
      assertThat(raw.isClosed()).isTrue();
    }
    EdgeIT.eventually(() -> edge.load.inFlight() == 0);
  }

  private static HttpResponse<String> track(HttpClient.Version version) throws Exception {
    try (HttpClient client =
        HttpClient.newBuilder().version(version).sslContext(trusting).build()) {
      HttpResponse<String> answer = send(client);
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().firstValue("x-request-id")).isPresent();
      EdgeIT.eventually(() -> edge.load.inFlight() == 0);
      assertThat(edge.registry.get("tidegate.edge.unexpected").counter().count()).isZero();
      return answer;
    }
  }

  private static HttpResponse<String> send(HttpClient client) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + edge.port + "/v1/track"))
            .timeout(Duration.ofSeconds(10))
            .header("authorization", TestEdge.basic())
            .POST(BodyPublishers.ofString("{\"userId\":\"42\",\"event\":\"E\"}"))
            .build(),
        BodyHandlers.ofString());
  }

  private static KeyStore selfSigned() throws Exception {
    Path file = folder.resolve("edge.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "edge",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=localhost",
                "-ext",
                "SAN=ip:127.0.0.1,dns:localhost",
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-keystore",
                file.toString(),
                "-storepass",
                new String(PASSWORD))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("keytool.txt").toFile())
            .start();
    assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(keytool.exitValue())
        .as(Files.readString(folder.resolve("keytool.txt")))
        .isEqualTo(0);
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, PASSWORD);
    }
    return store;
  }

  private static Path pem(String label, byte[] der) throws Exception {
    String body =
        Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(der);
    return Files.writeString(
        folder.resolve(label.replace(' ', '-') + ".pem"),
        "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n");
  }

  private static SSLContext trusting(Certificate certificate) throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    store.setCertificateEntry("edge", certificate);
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }
}
