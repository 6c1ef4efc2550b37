-- A merge leaves stored events under the id they were recorded for. Whose they are: the heir, and that one's heir, up to
-- the id that has none. It is not always merged_into, since an alias may change hands for the future only.
ALTER TABLE customers ADD COLUMN heir text COLLATE "C" REFERENCES customers (id);

CREATE INDEX customers_heir ON customers (heir) WHERE heir IS NOT NULL;

-- Ids of erased customers with more events than one statement deletes: those recorded before the erasure are still to go.
CREATE TABLE erasures (
  id        text COLLATE "C" PRIMARY KEY,
  -- Ids that were erased together have this in common.
  customer  text COLLATE "C" NOT NULL,
  erased_at timestamptz NOT NULL
);

CREATE INDEX erasures_customer ON erasures (customer);
