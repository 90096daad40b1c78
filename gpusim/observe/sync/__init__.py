"""synccheck: barriers and warp operations that not everybody reaches."""
