package devissuer

import (
	"crypto/sha256"
	"encoding/base64"
	"html/template"
	"net/http"
)

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}
.notice{border:2px solid #b45309;padding:.5rem 1rem}
li{margin:1rem 0}
button{font:inherit}
textarea{width:100%;font-family:monospace}`

// page is both pages: the people, and the token of one of them.
var page = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Praxis: development sign-in</title>
<style>{{.Style}}</style>
</head>
<body>
<h1>Development sign-in</h1>
<p class="notice"><strong>Development only.</strong> This page signs in without a password. It answers on this machine alone.</p>
{{- if .Token}}
<h2>Signed in as {{.Person.Name}}</h2>
<label for="token">Token, valid for {{.Life}}</label>
<textarea id="token" rows="8" readonly>{{.Token}}</textarea>
<label for="curl">To copy into a terminal</label>
<textarea id="curl" rows="8" readonly>curl -H 'Authorization: Bearer {{.Token}}' '{{.APIURL}}'</textarea>
<p><a href="{{.Path}}/">Sign in as somebody else</a></p>
{{- else}}
<ul>
{{- range .People}}
<li><form method="post" action="{{$.Path}}/token"><input type="hidden" name="subject" value="{{.Subject}}">
<button>Sign in as {{.Name}}</button> {{.Description}} ({{.Email}})</form></li>
{{- end}}
</ul>
{{- end}}
</body>
</html>
`))

// pageData is what the template shows.
type pageData struct {
	Style  template.CSS
	Path   string
	People []Person
	Person Person
	Token  string
	Life   string
	APIURL string
}

func (i *Issuer) servePeople(w http.ResponseWriter, _ *http.Request) {
	writePage(w, pageData{Path: i.path, People: i.config.People})
}

// writePage allows nothing but the page's own style and its own forms.
func writePage(w http.ResponseWriter, data pageData) {
	data.Style = template.CSS(style)
	sum := sha256.Sum256([]byte(style))
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+
		"'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	// A failed write means that the peer has gone and cannot be answered.
	_ = page.Execute(w, data)
}
