"""TensorFlow's part of the Keras backend: the compiled step, optimizers, dropout draws and decoding."""
