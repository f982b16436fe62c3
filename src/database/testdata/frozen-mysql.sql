create table `hf_test_things` (
  `id` varchar(36) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `name` varchar(64) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `owner` varchar(36) character set utf8mb4 collate utf8mb4_nopad_bin null,
  `made_at` bigint not null,
  `count` bigint not null default 0,
  `flag` int not null default 0 check (`flag` in (0, 1)),
  `body` longtext character set utf8mb4 collate utf8mb4_nopad_bin null,
  `note` longtext character set utf8mb4 collate utf8mb4_nopad_bin null,
  `digest` varbinary(32) null,
  `blob` longblob null,
  primary key (`id`),
  constraint `hf_test_things_name` unique (`name`),
  constraint `hf_test_things_fk_owner` foreign key (`owner`) references `hf_test_things` (`id`) on delete cascade,
  index `hf_test_things_made` (`made_at`, `id`),
  index `hf_test_things_owner` (`owner`)
) engine=InnoDB default character set utf8mb4 collate utf8mb4_nopad_bin;

create table `hf_test_counters` (
  `policy` varchar(32) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `subject` varchar(64) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `points` bigint not null,
  `window` bigint not null,
  primary key (`policy`, `subject`)
) engine=InnoDB default character set utf8mb4 collate utf8mb4_nopad_bin;

-- 19de296b3bd89dc66fdfb6a92b90fb4b275d351ef172a75986a31b4e3298efbc;

-- 3918c349b669efc6e765d8a52de0a89b200c531ae8e0c57824e5496988a7766b
