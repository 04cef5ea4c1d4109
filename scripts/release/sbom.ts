import type { Lock } from './pin-dependencies.ts'

/** The parts and dependencies of the package `lobbykey`, as a CycloneDX document. `npm sbom` would add its own version and a random number. */
export function listParts(lock: Lock, time: Date): object {
  const { '': own, ...parts } = lock.packages
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: {
      timestamp: time.toISOString(),
      component: describe('application', lock.name, lock.version, own.license),
    },
    components: Object.entries(parts).map(([path, { version = '', license, integrity }]) => {
      const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
      return {
        ...describe('library', name, version, license),
        'bom-ref': path,
        ...(integrity === undefined ? {} : { hashes: [hash(integrity)] }),
      }
    }),
  }
}

function describe(type: string, name: string, version: string, license: string | undefined): object {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`
  return { type, 'bom-ref': purl, name, version, purl, ...(license === undefined ? {} : { licenses: [{ expression: license }] }) }
}

function hash(integrity: string): object {
  const [algorithm = '', digest = ''] = integrity.split('-')
  return { alg: algorithm.toUpperCase().replace('SHA', 'SHA-'), content: Buffer.from(digest, 'base64').toString('hex') }
}
