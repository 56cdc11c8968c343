"""What an installation is made of and watched with: containers, manifests, rules, dashboards."""
