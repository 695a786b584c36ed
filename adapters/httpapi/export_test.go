package httpapi

// StrictJSON is what every body must pass before the document is asked.
var StrictJSON = strictJSON
