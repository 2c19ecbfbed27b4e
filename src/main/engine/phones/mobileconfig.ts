import { createHash } from 'node:crypto'
import { escapeXml } from './escape-xml.js'

const LINE = 64

/**
 * The CA as a configuration profile for iOS, iPadOS and macOS. Its identifiers follow from the certificate, so that the
 * same CA replaces itself when it is installed again.
 *
 * @param der the certificate
 * @param name as people shall find it in the settings
 */
export function mobileconfig(der: Uint8Array, name: string): string {
  const fingerprint = createHash('sha256').update(der).digest('hex')
  const identifier = `portico.ca.${fingerprint.slice(0, 16)}`
  const root = [
    ...entry('PayloadCertificateFileName', 'portico-ca.crt'),
    `<key>PayloadContent</key>\n<data>\n${lines(Buffer.from(der).toString('base64'))}\n</data>`,
    ...entry('PayloadDescription', 'Vouches for the apps behind Portico on one computer.'),
    ...entry('PayloadDisplayName', name),
    ...entry('PayloadIdentifier', `${identifier}.root`),
    ...entry('PayloadType', 'com.apple.security.root'),
    ...entry('PayloadUUID', uuid(fingerprint, 'root')),
    '<key>PayloadVersion</key>\n<integer>1</integer>',
  ]
  const profile = [
    `<key>PayloadContent</key>\n<array>\n<dict>\n${root.join('\n')}\n</dict>\n</array>`,
    ...entry('PayloadDescription', 'Have this device accept the certificates of the apps behind Portico.'),
    ...entry('PayloadDisplayName', name),
    ...entry('PayloadIdentifier', identifier),
    '<key>PayloadRemovalDisallowed</key>\n<false/>',
    ...entry('PayloadType', 'Configuration'),
    ...entry('PayloadUUID', uuid(fingerprint, 'profile')),
    '<key>PayloadVersion</key>\n<integer>1</integer>',
  ]
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
${profile.join('\n')}
</dict>
</plist>
`
}

function entry(key: string, text: string): string[] {
  return [`<key>${key}</key>`, `<string>${escapeXml(text)}</string>`]
}

function lines(text: string): string {
  return text.match(new RegExp(`.{1,${LINE}}`, 'g'))?.join('\n') ?? ''
}

/** RFC 9562 section 5.8: a version for identifiers that are made in a way of one's own. */
function uuid(fingerprint: string, part: string): string {
  const bytes = createHash('sha256').update(`${fingerprint} ${part}`).digest().subarray(0, 16)
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x80
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80
  const hex = bytes.toString('hex').toUpperCase()
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
