"""Where each fact stands on each shape of label: one function per kind and shape."""
