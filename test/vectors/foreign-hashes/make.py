"""Makes python.json: password hashes by Python's own libraries. See README.md for the versions."""
import base64, hashlib, json, os, struct, sys

import argon2
import bcrypt
import django
from django.conf import settings
from passlib.hash import argon2 as passlib_argon2, bcrypt as passlib_bcrypt
from passlib.hash import pbkdf2_sha1, pbkdf2_sha256, pbkdf2_sha512, scrypt as passlib_scrypt
from werkzeug.security import generate_password_hash

settings.configure(PASSWORD_HASHERS=[])
django.setup()
from django.contrib.auth import hashers

PASSWORD = "Grüße aus Köln, 17 \U0001f511"
LONG = "x" * 71 + "yz and what stands after 72 bytes"


def aspnet(password, prf, digest, iterations, salt, size):
    """ASP.NET Core Identity v3 as PasswordHasher.cs lays it out, computed by hashlib."""
    key = hashlib.pbkdf2_hmac(digest, password.encode(), salt, iterations, size)
    head = b"\x01" + struct.pack(">III", prf, iterations, len(salt))
    return base64.b64encode(head + salt + key).decode()


def phc_scrypt(password, ln, r, p):
    """The PHC string of hashlib.scrypt."""
    salt = os.urandom(16)
    key = hashlib.scrypt(
        password.encode(), salt=salt, n=2**ln, r=r, p=p, dklen=32, maxmem=2**28
    )
    plain = lambda part: base64.b64encode(part).decode().rstrip("=")
    return f"$scrypt$ln={ln},r={r},p={p}${plain(salt)}${plain(key)}"


def text_scrypt(shape, salt, n, r, p):
    """How Werkzeug 3 and Django 4 write hashlib.scrypt; their Debian packages are older."""
    key = hashlib.scrypt(PASSWORD.encode(), salt=salt.encode(), n=n, r=r, p=p, dklen=64, maxmem=2**28)
    return shape.format(n=n, r=r, p=p, salt=salt, hex=key.hex(), base64=base64.b64encode(key).decode())


def argon(variant, version=19):
    hashed = argon2.low_level.hash_secret(
        PASSWORD.encode(), os.urandom(16), time_cost=3, memory_cost=4096, parallelism=2,
        hash_len=32, type=variant, version=version)
    return hashed.decode()


made = [
    ("bcrypt 2b (bcrypt)", PASSWORD, bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(8)).decode()),
    ("bcrypt 2a (bcrypt)", PASSWORD,
     bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(6, prefix=b"2a")).decode()),
    ("bcrypt over 72 bytes (bcrypt)", LONG, bcrypt.hashpw(LONG.encode(), bcrypt.gensalt(6)).decode()),
    ("bcrypt 2y (passlib)", PASSWORD, passlib_bcrypt.using(rounds=6, ident="2y").hash(PASSWORD)),
    ("scrypt PHC (hashlib)", PASSWORD, phc_scrypt(PASSWORD, 14, 8, 1)),
    ("scrypt (passlib)", PASSWORD, passlib_scrypt.using(rounds=13, block_size=8).hash(PASSWORD)),
    ("scrypt as Werkzeug 3 (hashlib)", PASSWORD,
     text_scrypt("scrypt:{n}:{r}:{p}${salt}${hex}", "KbSo6ha8PVdMFJ2L", 32768, 8, 1)),
    ("scrypt as Django 4 (hashlib)", PASSWORD,
     text_scrypt("scrypt${n}${salt}${r}${p}${base64}", "NaClNaClNaClNaClNaClNa", 16384, 8, 5)),
    ("PBKDF2 SHA-256 (Django)", PASSWORD, hashers.PBKDF2PasswordHasher().encode(PASSWORD, "NaClNaClNaClNaClNaClNa")),
    ("PBKDF2 SHA-1 (Django)", PASSWORD, hashers.PBKDF2SHA1PasswordHasher().encode(PASSWORD, "NaClNaClNaCl", 1000)),
    ("PBKDF2 SHA-256 (passlib)", PASSWORD, pbkdf2_sha256.hash(PASSWORD)),
    ("PBKDF2 SHA-512 (passlib)", PASSWORD, pbkdf2_sha512.hash(PASSWORD)),
    ("PBKDF2 SHA-1 (passlib)", PASSWORD, pbkdf2_sha1.hash(PASSWORD)),
    ("PBKDF2 SHA-256 (Werkzeug)", PASSWORD, generate_password_hash(PASSWORD, "pbkdf2:sha256:600000")),
    ("PBKDF2 SHA-512 (Werkzeug)", PASSWORD, generate_password_hash(PASSWORD, "pbkdf2:sha512:1000")),
    ("ASP.NET Identity 3, SHA-256 (hashlib)", PASSWORD, aspnet(PASSWORD, 1, "sha256", 10_000, os.urandom(16), 32)),
    ("ASP.NET Identity 3, SHA-512 (hashlib)", PASSWORD, aspnet(PASSWORD, 2, "sha512", 100_000, os.urandom(16), 32)),
    ("argon2i (argon2-cffi)", PASSWORD, argon(argon2.Type.I)),
    ("argon2d (argon2-cffi)", PASSWORD, argon(argon2.Type.D)),
    ("argon2id of 100 MiB (argon2-cffi)", PASSWORD, argon2.PasswordHasher().hash(PASSWORD)),
    ("argon2i, version 16 (argon2-cffi)", PASSWORD, argon(argon2.Type.I, 16)),
    ("argon2id (passlib)", PASSWORD, passlib_argon2.using(memory_cost=1024, rounds=2).hash(PASSWORD)),
    ("argon2id (Django)", PASSWORD, hashers.Argon2PasswordHasher().encode(PASSWORD, "NaClNaClNaClNaClNaClNa")),
]
json.dump([{"by": by, "password": password, "hash": text} for by, password, text in made],
          sys.stdout, ensure_ascii=False, indent=1)
print()
