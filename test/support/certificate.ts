import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

export interface TestCertificate {
  cert: string
  key: string
  /** of the certificate; it signs itself, so it is its own CA */
  file: string
  remove(): void
}

/** A self-signed certificate for names and addresses, made by openssl. @param names as `DNS:backend.test` or `IP:127.0.0.1` */
export function makeCertificate(...names: string[]): TestCertificate {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'portico-cert-'))
  const file = path.join(directory, 'cert.pem')
  const keyFile = path.join(directory, 'key.pem')
  const config = path.join(directory, 'openssl.cnf')
  writeFileSync(
    config,
    `[req]\ndistinguished_name=dn\nx509_extensions=ext\nprompt=no\n[dn]\nCN=test\n[ext]\nsubjectAltName=${names.join(',')}\nbasicConstraints=CA:TRUE\n`,
  )
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '2',
      '-config',
      config,
    ].concat(['-keyout', keyFile, '-out', file]),
    { stdio: 'pipe', timeout: 20_000 },
  )
  return {
    cert: readFileSync(file, 'utf8'),
    key: readFileSync(keyFile, 'utf8'),
    file,
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}
