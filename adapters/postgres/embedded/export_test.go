package embedded

// NpmVersion lets the tests serve what Obtain asks for.
const NpmVersion = npmVersion
