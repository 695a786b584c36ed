package pgtest

// TemplateName lets the tests name the template of other migrations.
var TemplateName = templateName
