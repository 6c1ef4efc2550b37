-- Every id ever seen, one row each: a customer, an id merged into one, or the tombstone of an erased one.
CREATE TABLE customers (
  id            text COLLATE "C" PRIMARY KEY,
  -- This id is an alias; always points at the customer itself, never at another alias.
  merged_into   text COLLATE "C" REFERENCES customers (id),
  -- Whatever happened up to here is gone and stays gone.
  erased_at     timestamptz,
  -- False until the first event after creation or erasure, and for an alias.
  present       boolean     NOT NULL DEFAULT false,
  -- Was seen as a user id, so it is nobody's anonymous id.
  identified    boolean     NOT NULL DEFAULT false,
  traits        jsonb       NOT NULL DEFAULT '{}',
  -- Ids merged into this one, in the order they came: exactly those whose merged_into is this id.
  anonymous_ids text[]      NOT NULL DEFAULT '{}',
  -- Events by name.
  counts        jsonb       NOT NULL DEFAULT '{}',
  purchases     bigint      NOT NULL DEFAULT 0,
  interactions  bigint      NOT NULL DEFAULT 0,
  tags          text[]      NOT NULL DEFAULT '{}',
  first_seen    timestamptz,
  last_seen     timestamptz,
  -- Grows with every change of what this id shows, through merges and erasure too; never goes back. An alias shows
  -- its customer's version, so whoever unlinks or relinks it sets the next one past the higher of both.
  version       bigint      NOT NULL DEFAULT 0,
  updated_at    timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 80);

CREATE INDEX customers_merged_into ON customers (merged_into) WHERE merged_into IS NOT NULL;

-- A message id counts once. Kept longer than Kafka keeps events, then pruned by day.
CREATE TABLE message_ids (
  message_id  text COLLATE "C" PRIMARY KEY,
  received_on date NOT NULL
);

CREATE INDEX message_ids_received_on ON message_ids USING brin (received_on);

-- What happened, partitioned by the day it arrived (the sender does not choose how many partitions there are).
CREATE TABLE events (
  received_at timestamptz NOT NULL,
  message_id  text COLLATE "C" NOT NULL,
  customer_id text COLLATE "C" NOT NULL,
  type        text NOT NULL,
  name        text,
  happened_at timestamptz NOT NULL,
  source      text NOT NULL,
  data        jsonb NOT NULL,
  PRIMARY KEY (message_id, received_at)
) PARTITION BY RANGE (received_at);

CREATE INDEX events_customer ON events (customer_id, happened_at DESC);

-- Where the projection stands, moved in the same transaction as what it wrote. A topic made anew has a new id and
-- starts at 0; message_ids keeps its events from counting twice.
CREATE TABLE consumed_offsets (
  topic_id    text   NOT NULL,
  partition   int    NOT NULL,
  next_offset bigint NOT NULL,
  -- Ids the last transaction changed. Whoever takes the partition over tells the caches again, in case the last
  -- owner fell between commit and telling.
  changed_ids text[] NOT NULL DEFAULT '{}',
  PRIMARY KEY (topic_id, partition)
);

-- Small facts about the database itself: the fingerprint of the tag rules it was last computed with, say.
CREATE TABLE settings (
  name  text PRIMARY KEY,
  value text NOT NULL
);
