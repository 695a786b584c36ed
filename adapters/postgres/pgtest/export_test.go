package pgtest

import "io/fs"

// TemplateName lets the tests name the template of other migrations.
func TemplateName(files fs.FS) (string, error) { return templateName(files) }
