"""Ready arrays in .npz files or folders of .npy files."""
