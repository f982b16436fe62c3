/**
 * Tables of the example's own database. Money is whole cents, days are ISO text, and SQLite's STRICT
 * keeps the types. They have nothing to do with Holdfast's tables, which live in another file.
 */
export const SCHEMA = `
  CREATE TABLE IF NOT EXISTS companies (
    company_id TEXT PRIMARY KEY,
    name TEXT NOT NULL
  ) STRICT;

  CREATE TABLE IF NOT EXISTS stores (
    store_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    city TEXT NOT NULL
  ) STRICT;

  -- Which company holds a store, and when. A store may move: rows of sales and stock belong to the
  -- company that held the store on their day.
  CREATE TABLE IF NOT EXISTS store_companies (
    store_id TEXT NOT NULL REFERENCES stores,
    company_id TEXT NOT NULL REFERENCES companies,
    from_day TEXT NOT NULL,
    to_day TEXT CHECK (to_day >= from_day),
    PRIMARY KEY (store_id, from_day)
  ) STRICT;

  CREATE TRIGGER IF NOT EXISTS one_company_a_day BEFORE INSERT ON store_companies
  WHEN EXISTS (
    SELECT 1 FROM store_companies AS other
    WHERE other.store_id = NEW.store_id
      AND other.from_day <= coalesce(NEW.to_day, '9999-12-31')
      AND coalesce(other.to_day, '9999-12-31') >= NEW.from_day
  )
  BEGIN
    SELECT RAISE(ABORT, 'the store would belong to two companies on one day');
  END;

  CREATE TABLE IF NOT EXISTS products (
    sku TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    category TEXT NOT NULL
  ) STRICT;

  CREATE TABLE IF NOT EXISTS sales (
    sale_id INTEGER PRIMARY KEY,
    day TEXT NOT NULL,
    store_id TEXT NOT NULL REFERENCES stores,
    sku TEXT NOT NULL REFERENCES products,
    quantity INTEGER NOT NULL CHECK (quantity <> 0),
    unit_price_cents INTEGER NOT NULL CHECK (unit_price_cents >= 0),
    unit_cost_cents INTEGER NOT NULL CHECK (unit_cost_cents >= 0)
  ) STRICT;

  CREATE INDEX IF NOT EXISTS sales_by_store_and_day
    ON sales (store_id, day, quantity, unit_cost_cents);

  CREATE TABLE IF NOT EXISTS stock_counts (
    day TEXT NOT NULL,
    store_id TEXT NOT NULL REFERENCES stores,
    sku TEXT NOT NULL REFERENCES products,
    units INTEGER NOT NULL CHECK (units >= 0),
    unit_cost_cents INTEGER NOT NULL CHECK (unit_cost_cents >= 0),
    PRIMARY KEY (store_id, day, sku)
  ) STRICT, WITHOUT ROWID;

  -- A file that was imported, by its content. The row commits together with the file's rows.
  CREATE TABLE IF NOT EXISTS imports (
    file TEXT PRIMARY KEY,
    sha256 TEXT NOT NULL,
    rows INTEGER NOT NULL,
    imported_at INTEGER NOT NULL
  ) STRICT;

  -- Deliveries of Shopify that have been worked on: a handler may be given one twice.
  CREATE TABLE IF NOT EXISTS shopify_deliveries (
    delivery_id TEXT PRIMARY KEY
  ) STRICT, WITHOUT ROWID;

  -- The organisation of Holdfast that a company is.
  CREATE TABLE IF NOT EXISTS company_organisations (
    company_id TEXT PRIMARY KEY REFERENCES companies,
    organisation_id TEXT NOT NULL UNIQUE
  ) STRICT;

  -- What the rules on business data read: which company held a store, and when.
  CREATE VIEW IF NOT EXISTS holdings AS
    SELECT held.store_id, held.company_id, held.from_day, held.to_day, own.organisation_id
    FROM store_companies AS held
    LEFT JOIN company_organisations AS own ON own.company_id = held.company_id;

  -- The store of a member of a company. That somebody is one, and as what, is for Holdfast to say.
  CREATE TABLE IF NOT EXISTS member_stores (
    company_id TEXT NOT NULL REFERENCES companies,
    user_id TEXT NOT NULL,
    store_id TEXT NOT NULL REFERENCES stores,
    PRIMARY KEY (company_id, user_id)
  ) STRICT;

  -- Assignments of before companies were organisations; upgrade.ts turns them into memberships.
  CREATE TABLE IF NOT EXISTS assignments (
    user_id TEXT PRIMARY KEY,
    email TEXT NOT NULL,
    company_id TEXT NOT NULL REFERENCES companies,
    store_id TEXT REFERENCES stores,
    assigned_by TEXT NOT NULL,
    assigned_at INTEGER NOT NULL
  ) STRICT;

  -- People made at the first start. The password stands here from the moment it is made until it
  -- was printed, so that a start that dies in between can be taken up again; then it is erased.
  CREATE TABLE IF NOT EXISTS first_people (
    email TEXT PRIMARY KEY,
    password TEXT
  ) STRICT;
`
