"""Examples that are ready arrays, in .npz files or folders of .npy files."""
