import { shellQuote } from '../../../shared/shell-quote.js'

export interface TrustSystem {
  name: string
  steps: { label: string; command: string }[]
}

/** The commands that make a system's programs trust the local CA, by system. @param caFile its certificate */
export function trustSystems(caFile: string): TrustSystem[] {
  const file = shellQuote(caFile)
  return [
    {
      name: 'macOS',
      steps: [
        {
          label: 'Keychain (Safari, Chrome, curl)',
          command: `security add-trusted-cert -r trustRoot -k ~/Library/Keychains/login.keychain-db ${file}`,
        },
        node(file),
      ],
    },
    {
      name: 'Windows',
      steps: [
        { label: 'User store (Edge, Chrome)', command: `certutil -user -addstore Root "${caFile}"` },
        { label: 'Node.js, in PowerShell', command: `$env:NODE_EXTRA_CA_CERTS = "${caFile}"` },
      ],
    },
    {
      name: 'Debian, Ubuntu',
      steps: [
        {
          label: 'System store (curl, wget, Python)',
          command: `sudo cp ${file} /usr/local/share/ca-certificates/portico.crt && sudo update-ca-certificates`,
        },
        chromium(file),
        node(file),
      ],
    },
    {
      name: 'Fedora, Arch',
      steps: [
        { label: 'System store (curl, Firefox, Python)', command: `sudo trust anchor --store ${file}` },
        chromium(file),
        node(file),
      ],
    },
  ]
}

/** The index in `trustSystems` of the system that a browser says it runs on. */
export function systemOf(userAgent: string): number {
  if (userAgent.includes('Mac OS')) return 0
  if (userAgent.includes('Windows')) return 1
  return userAgent.includes('Fedora') ? 3 : 2
}

function chromium(file: string) {
  return {
    label: 'Chrome and Chromium keep a store of their own (certutil is in libnss3-tools or nss-tools)',
    command: `certutil -A -d "sql:$HOME/.pki/nssdb" -t C,, -n Portico -i ${file}`,
  }
}

function node(file: string) {
  return { label: 'Node.js', command: `export NODE_EXTRA_CA_CERTS=${file}` }
}
