"""Predicts rows in chunks, in their order, and writes the predictions or the vectors of texts."""

from ftcore.prediction.features import LAST, load_extractor
from ftcore.prediction.predicting import predictions_of_data, predictions_of_source
from ftcore.prediction.predictors import load_predictor
from ftcore.prediction.vector_files import check_output, write_vectors
from ftcore.prediction.writing import Output, format_of, write_file, write_stream

__all__ = [
    "LAST",
    "Output",
    "check_output",
    "format_of",
    "load_extractor",
    "load_predictor",
    "predictions_of_data",
    "predictions_of_source",
    "write_file",
    "write_stream",
    "write_vectors",
]
