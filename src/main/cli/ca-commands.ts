import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { Fault } from '../../shared/fault.js'
import { dataDirOf } from './locate.js'
import { print } from './output.js'
import type { CommonOptions } from './program.js'

/** `portico ca path`: the file, when it is there. */
export async function caPath(options: CommonOptions): Promise<void> {
  print((await requireCertificate(options)).certFile)
}

/** `portico ca print`: the certificate, never the key. */
export async function caPrint(options: CommonOptions): Promise<void> {
  print((await requireCertificate(options)).pem.trimEnd())
}

/** The certificate of the local CA. @throws Fault `not-found` when there is none yet */
export async function requireCertificate(options: CommonOptions): Promise<{ certFile: string; pem: string }> {
  return { certFile: certificateFile(options), pem: await readCertificate(options) }
}

function certificateFile(options: CommonOptions): string {
  return path.join(dataDirOf(options), 'ca', 'ca.pem')
}

async function readCertificate(options: CommonOptions): Promise<string> {
  const file = certificateFile(options)
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new Fault(
        'not-found',
        `There is no local CA in ${dataDirOf(options)} yet.`,
        'It is made by the first: portico serve, or: portico ca install',
      )
    }
    throw new Fault(
      'certificate-invalid',
      `${file} cannot be read.`,
      'Run this command as the user that runs Portico.',
      {
        cause: error,
      },
    )
  }
}
