/** Loaded into a server's processes by `--import`: stops their clock at the test's time, so that no rate refills. */
const now = Number(process.env.STOPPED_AT)
Date.now = () => now
