import type { SecureContextOptions, TlsOptions as ServerOptions } from 'node:tls';

/** What a TLS end is made from. Keys and certificates are PEM text, never file names. */
export interface TlsOptions
  extends SecureContextOptions,
    Pick<ServerOptions, 'ALPNProtocols' | 'SNICallback' | 'requestCert' | 'rejectUnauthorized'> {}

/**
 * TLS 1.2 with forward secrecy and AEAD suites only, and TLS 1.3: what Mozilla's intermediate profile
 * allows. Named here so that the platform's own configuration cannot widen it.
 */
export const INTERMEDIATE: TlsOptions = {
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  ciphers: [
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
  ].join(':'),
  ALPNProtocols: ['http/1.1'],
};
