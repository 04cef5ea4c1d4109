import manifest from '../../../package.json' with { type: 'json' }

/** Of this server: what the command line, the references and the metrics say. */
export const version: string = manifest.version
