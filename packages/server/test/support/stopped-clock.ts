/** Loaded into a server's processes by `--import`: their time stands still at that of the test, so that no rate refills. */
const now = Number(process.env.STOPPED_AT)
Date.now = () => now
