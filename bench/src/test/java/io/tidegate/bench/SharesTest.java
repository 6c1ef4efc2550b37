package io.tidegate.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tidegate.bench.Shares.Part;
import java.util.List;
import org.junit.jupiter.api.Test;

class SharesTest {
  private final Shares shares =
      Shares.of(
          "routed-get",
          List.of(
              "[eventloop-0 tid=7];io/netty/channel/epoll/EpollEventLoop.run_[j];epoll_wait_[k] 30",
              "[eventloop-0 tid=7];io/netty/channel/epoll/EpollEventLoop.run_[j] 20",
              "[eventloop-0 tid=7];io/netty/a_[j];io/vertx/core/http/HttpServer.handle_[0] 5",
              "[eventloop-0 tid=7];io/netty/a_[j];io/tidegate/edge/Edge.handle_[i] 10",
              "[eventloop-0 tid=7];java/util/HashMap.get_[j] 15",
              "[eventloop-0 tid=7];/a/b/libnetty_tcnative_linux_x86_6412345.so 10",
              "[eventloop-0 tid=7];io/tidegate/proto/ratelimit/Lease.build_[j] 4",
              "[eventloop-0 tid=7];tools/jackson/core/JsonParser.next_[j] 3",
              "[eventloop-0 tid=7];memcpy 3",
              "[C2 CompilerThread0 tid=9];PhaseIdealLoop::build 80",
              "[GC Thread#0 tid=3];memcpy 20",
              "no stack"));

  @Test
  void countsWhereTimeWasSpentAndLeavesCompilerAndCollectorAside() {
    assertThat(shares.percent(Part.KERNEL)).isEqualTo(30, within(0.01));
    assertThat(shares.percent(Part.NETTY)).isEqualTo(20, within(0.01));
    assertThat(shares.percent(Part.VERTX)).isEqualTo(5, within(0.01));
    assertThat(shares.percent(Part.TIDEGATE)).isEqualTo(10, within(0.01));
    assertThat(shares.percent(Part.JDK)).isEqualTo(15, within(0.01));
    assertThat(shares.percent(Part.BORINGSSL)).isEqualTo(10, within(0.01));
    assertThat(shares.percent(Part.PROTOBUF)).isEqualTo(4, within(0.01));
    assertThat(shares.percent(Part.JACKSON)).isEqualTo(3, within(0.01));
    assertThat(shares.percent(Part.OTHER)).isEqualTo(3, within(0.01));
    assertThat(shares.percent(Part.COMPILER)).isEqualTo(40, within(0.01));
    assertThat(shares.percent(Part.COLLECTOR)).isEqualTo(10, within(0.01));
  }

  @Test
  void isAColumnForEachProfile() {
    Shares nothing = Shares.of("tls", List.of());
    assertThat(Shares.csv(List.of(shares, nothing)).lines())
        .startsWith("part,routed-get,tls", "kernel,30.0,0.0", "Netty,20.0,0.0")
        .contains("Caffeine and Micrometer,0.0,0.0");
  }

  @Test
  void filesAreNamedByTheWorkAndWhatIsUnusual() {
    assertThat(Flames.nameOf("routed GET", "Tidegate")).isEqualTo("routed-get");
    assertThat(Flames.nameOf("growth, routed GET", "Tidegate, 10 policies"))
        .isEqualTo("growth-routed-get-10-policies");
    assertThat(Flames.nameOf("growth, profile read", "Tidegate, 10^3 customers"))
        .isEqualTo("growth-profile-read-103-customers");
  }
}
