import { createPrivateKey, type KeyObject, randomBytes, type X509Certificate } from 'node:crypto'
import type { Extension, JsonGeneralName, Name } from '@peculiar/x509'
import { isIpLiteral } from '../../../shared/hostname.js'
import { encodeNameConstraints, NAME_CONSTRAINTS } from './name-constraints.js'
import type { Validity } from './renewal.js'

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  cert: string
  key: string
}

/** Who signs: the authority's certificate and its private key. */
export interface Issuer {
  certificate: X509Certificate
  key: KeyObject
}

/** Parts of a distinguished name (RFC 5280 section 4.1.2.4), each at most 64 characters. */
export interface Subject {
  commonName?: string
  organization: string
  organizationalUnit: string
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/**
 * Makes a certificate authority: EC P-256, able to sign leaves but no further authorities (path length 0), and none but
 * those of TLS servers.
 *
 * @param permitted what it may vouch for, as `permittedNames` tells it
 */
export async function issueAuthority(
  subject: Subject,
  validity: Validity,
  permitted: readonly string[],
): Promise<KeyPair> {
  const x509 = await library()
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.create({
    ...signedBy(keys.privateKey, validity),
    subject: nameOf(x509, subject),
    issuer: nameOf(x509, subject),
    publicKey: keys.publicKey,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.Extension(NAME_CONSTRAINTS, true, new Uint8Array(encodeNameConstraints(permitted))),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { cert: `${certificate.toString('pem')}\n`, key: await privateKeyPem(keys.privateKey) }
}

/**
 * Makes a TLS server certificate for `names` (host names, wildcards, IP literals), signed by `issuer`. Both key
 * identifiers are in, because strict verifiers (Python 3.13 and later by default) insist on them; `selfsigned` has no
 * way to add them, hence the library below it.
 */
export async function issueLeaf(
  issuer: Issuer,
  subject: Subject,
  names: readonly string[],
  validity: Validity,
): Promise<KeyPair> {
  const x509 = await library()
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const authority = new x509.X509Certificate(issuer.certificate.raw)
  const extensions: Extension[] = [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    new x509.SubjectAlternativeNameExtension(
      names.map((name): JsonGeneralName => ({ type: isIpLiteral(name) ? 'ip' : 'dns', value: name })),
    ),
    await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    await authorityKeyIdentifier(x509, authority),
  ]
  const certificate = await x509.X509CertificateGenerator.create({
    ...signedBy(await signingKey(issuer.key), validity),
    subject: nameOf(x509, subject),
    issuer: authority.subjectName,
    publicKey: keys.publicKey,
    extensions,
  })
  return { cert: `${certificate.toString('pem')}\n`, key: await privateKeyPem(keys.privateKey) }
}

type Library = typeof import('@peculiar/x509')

/** Loaded only when something must be issued: it costs about 10 MB, which a gateway whose leaves are on disk saves. */
function library(): Promise<Library> {
  return import('@peculiar/x509')
}

function signedBy(key: CryptoKey, validity: Validity) {
  return {
    serialNumber: randomSerial(),
    notBefore: new Date(validity.notBefore),
    notAfter: new Date(validity.notAfter),
    signingAlgorithm: ALGORITHM,
    signingKey: key,
  }
}

/** 126 random bits, positive and never zero (RFC 5280 section 4.1.2.2). */
function randomSerial(): string {
  const bytes = randomBytes(16)
  bytes[0] = (bytes[0]! & 0x7f) | 0x40
  return bytes.toString('hex')
}

function nameOf(x509: Library, subject: Subject): Name {
  const attributes: Record<string, string | undefined> = {
    O: subject.organization,
    OU: subject.organizationalUnit,
    CN: subject.commonName,
  }
  const present = Object.entries(attributes).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return new x509.Name(present.map(([type, value]) => ({ [type]: [{ utf8String: value }] })))
}

/** The identifier that the authority's own certificate carries, which need not be the hash that we would compute. */
async function authorityKeyIdentifier(x509: Library, authority: InstanceType<Library['X509Certificate']>) {
  const own = authority.getExtension(x509.SubjectKeyIdentifierExtension)
  return own === null
    ? x509.AuthorityKeyIdentifierExtension.create(authority.publicKey)
    : new x509.AuthorityKeyIdentifierExtension(own.keyId)
}

function signingKey(key: KeyObject): Promise<CryptoKey> {
  return crypto.subtle.importKey('pkcs8', key.export({ type: 'pkcs8', format: 'der' }), ALGORITHM, false, ['sign'])
}

async function privateKeyPem(key: CryptoKey): Promise<string> {
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', key))
  return createPrivateKey({ key: der, type: 'pkcs8', format: 'der' })
    .export({ type: 'pkcs8', format: 'pem' })
    .toString()
}
