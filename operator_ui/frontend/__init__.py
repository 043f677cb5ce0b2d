"""The TypeScript of the pages, bundled into `operator_ui/static` when Tocsin is set up or built."""
