create table "hf_test_things" (
  "id" varchar(36) collate "C" not null,
  "name" varchar(64) collate "C" not null,
  "owner" varchar(36) collate "C" null,
  "made_at" bigint not null,
  "count" bigint not null default 0,
  "flag" integer not null default 0 check ("flag" in (0, 1)),
  "body" text collate "C" null,
  "note" text collate "C" null,
  "digest" bytea null check (octet_length("digest") <= 32),
  "blob" bytea null,
  primary key ("id"),
  constraint "hf_test_things_name" unique ("name"),
  constraint "hf_test_things_fk_owner" foreign key ("owner") references "hf_test_things" ("id") on delete cascade
);

create index "hf_test_things_made" on "hf_test_things" ("made_at", "id");

create index "hf_test_things_owner" on "hf_test_things" ("owner");

create table "hf_test_counters" (
  "policy" varchar(32) collate "C" not null,
  "subject" varchar(64) collate "C" not null,
  "points" bigint not null,
  "window" bigint not null,
  primary key ("policy", "subject")
);

-- e6cd9694785ad7552ee999333b86ae010ccb92fe6339d9d76289ab77aebcc2c7;

-- 9b173685ea7a501c879f0a92a9b415bf6156d4a58a7aadc55c71dddb0fab39d9
