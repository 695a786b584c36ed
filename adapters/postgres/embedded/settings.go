package embedded

import (
	"fmt"
	"maps"
	"slices"
)

// defaultSettings suit one practice on one machine. Durability (fsync,
// synchronous_commit, full_page_writes) keeps PostgreSQL's safe defaults.
//
// The log settings keep personal data out of the server's log: statements,
// parameters and details are not written, and errors of statements, whose
// text can quote a value, are left to the client that caused them.
func defaultSettings() map[string]string {
	return map[string]string{
		"shared_buffers":                    "128MB",
		"effective_cache_size":              "512MB",
		"work_mem":                          "8MB",
		"max_connections":                   "60",
		"checkpoint_timeout":                "15min",
		"random_page_cost":                  "1.1",
		"jit":                               "off",
		"TimeZone":                          "UTC",
		"log_timezone":                      "UTC",
		"log_destination":                   "stderr",
		"logging_collector":                 "off",
		"log_min_messages":                  "log",
		"log_min_error_statement":           "panic",
		"log_min_duration_statement":        "-1",
		"log_statement":                     "none",
		"log_error_verbosity":               "terse",
		"log_parameter_max_length":          "0",
		"log_parameter_max_length_on_error": "0",
	}
}

// serverArgs are the arguments of the server program. They are given on the
// command line, so the files in the cluster stay as initdb wrote them.
func serverArgs(cluster, socketDir string, settings map[string]string) ([]string, error) {
	merged := defaultSettings()
	maps.Copy(merged, settings)
	ours := map[string]string{
		"listen_addresses":        "",
		"unix_socket_directories": socketDir,
		"unix_socket_permissions": "0700",
		"port":                    socketPort,
	}
	for name := range ours {
		if _, set := merged[name]; set {
			return nil, fmt.Errorf("the setting %s of the embedded PostgreSQL cannot be changed: its socket stays private", name)
		}
	}
	maps.Copy(merged, ours)

	args := []string{"-D", cluster}
	for _, name := range slices.Sorted(maps.Keys(merged)) {
		args = append(args, "-c", name+"="+merged[name])
	}
	return args, nil
}
