"""Pytest plugin: our classes take the place of scikit-learn's before its tests are collected."""

import sklearn.neural_network

import sklearn_init

sklearn.neural_network.MLPClassifier = sklearn_init.InitMLPClassifier
sklearn.neural_network.MLPRegressor = sklearn_init.InitMLPRegressor
