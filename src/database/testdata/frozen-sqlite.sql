create table "hf_test_things" (
  "id" text not null check (length("id") <= 36),
  "name" text not null check (length("name") <= 64),
  "owner" text null check (length("owner") <= 36),
  "made_at" integer not null,
  "count" integer not null default 0,
  "flag" integer not null default 0 check ("flag" in (0, 1)),
  "body" text null,
  "note" text null,
  "digest" blob null check (length("digest") <= 32),
  "blob" blob null,
  primary key ("id"),
  constraint "hf_test_things_name" unique ("name"),
  constraint "hf_test_things_fk_owner" foreign key ("owner") references "hf_test_things" ("id") on delete cascade
) strict;

create index "hf_test_things_made" on "hf_test_things" ("made_at", "id");

create index "hf_test_things_owner" on "hf_test_things" ("owner");

create table "hf_test_counters" (
  "policy" text not null check (length("policy") <= 32),
  "subject" text not null check (length("subject") <= 64),
  "points" integer not null,
  "window" integer not null,
  primary key ("policy", "subject")
) strict;

-- a2557096fc6881d763af7dbf23dfcff95c29d2aab5d5dfe8122f2acc9fd3bbd6;

-- 6a24844e2db5233724da37d18cd15d6f47242f82c11e89396673fef47a4799d2
