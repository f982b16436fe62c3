import type { EnvVariable } from './env-table.ts'

/** TLS of the stand-alone server. */
export const tlsVariables: readonly EnvVariable[] = [
  {
    name: 'SSL_CERT_PATH',
    example: '/etc/holdfast/fullchain.pem',
    meaning:
      'Certificate of the stand-alone server with those of its authorities, PEM. With it and SSL_KEY_PATH the server speaks TLS 1.2 and 1.3, and takes renewed files within a minute or at SIGHUP. Default: plain HTTP, for a proxy that ends TLS.',
  },
  {
    name: 'SSL_KEY_PATH',
    example: '/etc/holdfast/privkey.pem',
    meaning: 'Its private key, PEM, without a passphrase.',
  },
  {
    name: 'HTTP_REDIRECT_PORT',
    example: '80',
    meaning:
      'A second port of the server with TLS: what comes there by plain HTTP is led to BASE_URL. Default: none.',
  },
]
