package io.tidegate.edge;

import io.tidegate.ingestion.EventKind;
import io.tidegate.routing.Route;

/** What a request asks for. */
sealed interface Operation {
  /** For metrics and logs; one of few. */
  String name();

  /** What limits.yaml calls it: a job of the gateway's own, or the route's name. */
  String job();

  /** Events by HTTP. */
  record Ingest(EventKind kind, String name) implements Operation {
    Ingest(EventKind kind) {
      this(kind, kind.word());
    }

    @Override
    public String job() {
      return "ingestion";
    }
  }

  /**
   * One profile.
   *
   * @param id decoded
   */
  record ReadProfile(String id) implements Operation {
    @Override
    public String name() {
      return "profile";
    }

    @Override
    public String job() {
      return "profile";
    }
  }

  /** Up to a hundred profiles. */
  record LookUp() implements Operation {
    @Override
    public String name() {
      return "lookup";
    }

    @Override
    public String job() {
      return "profile";
    }
  }

  /**
   * A customer's end.
   *
   * @param id decoded
   */
  record Erase(String id) implements Operation {
    @Override
    public String name() {
      return "erase";
    }

    @Override
    public String job() {
      return "erase";
    }
  }

  /**
   * What an SDK asks before it sends: where to.
   *
   * @param writeKey as it stands in the path
   */
  record Settings(String writeKey) implements Operation {
    @Override
    public String name() {
      return "settings";
    }

    @Override
    public String job() {
      return "ingestion";
    }
  }

  /** What a browser asks before it calls, and anyone may: which methods there are. */
  record Options(String allow) implements Operation {
    @Override
    public String name() {
      return "options";
    }

    @Override
    public String job() {
      return "options";
    }
  }

  /** A call of a gRPC method. */
  record GrpcCall(String name, String job, boolean byWriteKey) implements Operation {}

  /** Anything else: a request for an upstream. */
  record Routed(Route route) implements Operation {
    @Override
    public String name() {
      return "routed";
    }

    @Override
    public String job() {
      return route.name();
    }
  }
}
