/** Words of the certificates. */

export const certificates = {
  columns: { name: 'Host', issuer: 'Issued by', expires: 'Expires', source: 'Source' },
  sources: { local: 'Local CA', 'self-signed': 'Self-signed', file: 'File' },
  defaultName: 'Clients that name no host',
  ca: 'Local certificate authority',
  caText: 'It signs the certificates of your apps. Its key never leaves this machine.',
  file: 'File',
  fingerprint: 'SHA-256 fingerprint',
  expires: 'Expires',
  pem: 'Certificate (PEM)',
  trust: 'Trust it on this machine',
  trustText: 'Run these once, where the browser runs; then restart the browser.',
  filter: 'Filter certificates',
  noMatch: 'No certificate matches this filter.',
  issued: 'Certificates in use',
  none: 'None yet: each is made when its host is first asked for.',
  system: 'System',
} as const
