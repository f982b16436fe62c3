<?php
// Makes php.json. See README.md for the version.
$password = "Grüße aus Köln, 17 \u{1f511}";
$made = [
  ['bcrypt 2y', password_hash($password, PASSWORD_BCRYPT, ['cost' => 10])],
  ['bcrypt 2y, cost 4', password_hash($password, PASSWORD_BCRYPT, ['cost' => 4])],
];
if (defined('PASSWORD_ARGON2ID')) {
  $made[] = ['argon2i', password_hash($password, PASSWORD_ARGON2I, ['memory_cost' => 1024])];
  $made[] = ['argon2id', password_hash($password, PASSWORD_ARGON2ID, ['memory_cost' => 65536])];
}
echo json_encode(array_map(fn ($one) => ['by' => "$one[0] (PHP)", 'password' => $password, 'hash' => $one[1]], $made),
  JSON_PRETTY_PRINT | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES), "\n";
