package io.tidegate.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RelayTest {
  private static final int PATIENCE = 10_000;
  private static final int MOMENT = 150;

  private ServerSocket server;
  private Relay relay;

  @BeforeEach
  void start() throws IOException {
    server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    server.setSoTimeout(PATIENCE);
    relay = Relay.on(InetAddress.getLoopbackAddress()).to(server.getLocalPort());
  }

  @AfterEach
  void stop() throws IOException {
    relay.close();
    server.close();
  }

  @Test
  void bytesPassBothWays() throws IOException {
    try (Socket client = connect();
        Socket served = server.accept()) {
      send(client, "question");
      assertThat(read(served, 8, PATIENCE)).isEqualTo("question");
      send(served, "answer");
      assertThat(read(client, 6, PATIENCE)).isEqualTo("answer");
    }
  }

  @Test
  void nothingPassesACutAndAllOfItAfterHealing() throws IOException {
    try (Socket client = connect();
        Socket served = server.accept()) {
      relay.cut();
      send(client, "late");
      assertThatThrownBy(() -> read(served, 4, MOMENT)).isInstanceOf(SocketTimeoutException.class);
      relay.heal();
      assertThat(read(served, 4, PATIENCE)).isEqualTo("late");
    }
  }

  @Test
  void duringACutConnectionsReachNobodyAndClosingIsNotTold() throws IOException {
    try (Socket client = connect();
        Socket served = server.accept()) {
      relay.cut();
      client.close();
      assertThatThrownBy(() -> read(served, 1, MOMENT)).isInstanceOf(SocketTimeoutException.class);
      try (Socket another = connect()) {
        server.setSoTimeout(MOMENT);
        assertThatThrownBy(() -> server.accept()).isInstanceOf(SocketTimeoutException.class);
        relay.heal();
        server.setSoTimeout(PATIENCE);
        server.accept().close();
        assertThat(another.isConnected()).isTrue();
      }
      served.setSoTimeout(PATIENCE);
      assertThat(served.getInputStream().read()).isEqualTo(-1);
    }
  }

  private Socket connect() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), relay.port());
  }

  private static void send(Socket socket, String text) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(text.getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  private static String read(Socket socket, int length, int millis) throws IOException {
    socket.setSoTimeout(millis);
    InputStream in = socket.getInputStream();
    return new String(in.readNBytes(length), StandardCharsets.US_ASCII);
  }
}
