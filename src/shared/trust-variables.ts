/**
 * What makes runtimes with trust of their own accept the local CA, as environment variables. Some add to what a runtime
 * trusts and get the CA alone; the others replace it, and get a bundle of the system's roots and the CA.
 *
 * @param caFile the CA's certificate
 * @param bundleFile the system's roots and the CA
 */
export function trustVariables(caFile: string, bundleFile: string): Record<string, string> {
  return {
    NODE_EXTRA_CA_CERTS: caFile,
    DENO_CERT: caFile,
    SSL_CERT_FILE: bundleFile,
    REQUESTS_CA_BUNDLE: bundleFile,
    CURL_CA_BUNDLE: bundleFile,
    GIT_SSL_CAINFO: bundleFile,
    AWS_CA_BUNDLE: bundleFile,
  }
}

/** Names of the variables that replace what a runtime trusts. */
export const REPLACING = ['SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE'] as const
