"""A split through the network: logits, likelihoods and the loss."""
